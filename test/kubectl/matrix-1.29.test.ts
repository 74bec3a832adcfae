import { groups } from './matrix/groups.ts'
import { kubectlMatrix } from './matrix/matrix.ts'

kubectlMatrix('1.29', 'today', groups)
