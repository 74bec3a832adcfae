import { apply } from './matrix/apply.ts'
import { create } from './matrix/create.ts'
import { get } from './matrix/get.ts'
import { kubectlMatrix } from './matrix/matrix.ts'
import { pods } from './matrix/pods.ts'

kubectlMatrix('1.20', '2021', { get, create, apply, pods })
