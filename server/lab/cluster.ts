/** Joins the parts of the lab to one cluster: store, API server, controllers, kubelets, network. */
export type { ContainerLog, ExecOutput, ExecProcess, LabContext, LabNetwork, LogLine, PodRuntime } from './context.ts'
