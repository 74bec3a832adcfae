/** The lab's process: one HTTP server that is the API server, the lab's control and the http_proxy of the client outside. */
import { parseArguments, UsageError } from './arguments.ts'
import { startLabServer } from './lab-server.ts'

async function main(): Promise<void> {
  const options = parseArguments(process.argv.slice(2))
  const server = await startLabServer(options)
  let ending = false
  const end = (): void => {
    if (ending) return
    ending = true
    void server.close().then(() => process.exit(0))
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  if (options.untilStdinCloses) {
    process.stdin.on('end', end)
    process.stdin.on('close', end)
    process.stdin.resume()
  }
  await server.ready
  if (options.json) process.stdout.write(`${JSON.stringify(server.info)}\n`)
  else {
    process.stdout.write(
      `The lab (preset ${options.preset}) is ready.\n\n  export KUBECONFIG=${server.info.kubeconfig}\n  kubectl get nodes\n\n` +
        `With this one too, curl is a client outside of the cluster, on its network:\n\n` +
        `  export CURL_HOME=${server.client['CURL_HOME']}\n  curl http://192.168.1.101:30080\n\nCtrl-C ends it.\n`,
    )
  }
}

try {
  await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`lab: ${error.message}\n`)
  process.exit(2)
}
