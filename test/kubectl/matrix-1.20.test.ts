import { groups } from './matrix/groups.ts'
import { kubectlMatrix } from './matrix/matrix.ts'

kubectlMatrix('1.20', '2021', groups)
