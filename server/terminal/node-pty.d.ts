/** node-pty comes as @lydell/node-pty (prebuilt for Linux too), whose types are declared under that name. */
declare module 'node-pty' {
  export * from '@lydell/node-pty'
}
