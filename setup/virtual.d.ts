/// <reference types="vite/client" />

/** Made by setup/lab-manifest.ts. */
declare module 'virtual:lab-manifest' {
  const manifest: import('../server/protocol/lab.ts').DeckManifest
  export default manifest
}
