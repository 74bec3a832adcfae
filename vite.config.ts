import { defineConfig } from 'vite'
import { SOCKET_PATH } from './server/protocol/messages.ts'

/** Where `npm run dev` has started the bridge; absent for a plain build, and then pages play the recordings. */
const bridge = process.env['BRIDGE_URL']

export default defineConfig({
  build: {
    // xterm.js is one module of 480 kB, and only pages with a lab load it
    chunkSizeWarningLimit: 900,
  },
  // found late by Vite's dev server otherwise, which then reloads the page
  optimizeDeps: { include: ['@xterm/xterm', 'valibot', 'uqr'] },
  server: {
    proxy: bridge ? { [SOCKET_PATH]: { target: bridge, ws: true, changeOrigin: true } } : {},
  },
})
