import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  test: {
    projects: [
      // hours of a cluster, thousands of requests: a slow machine may take its time, what hangs is found out all the same
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
      // real kubectl, real processes: a cold start on a busy machine takes its time, and a case that caught the cluster between two states is run again
      {
        extends: true,
        test: { name: 'kubectl', include: ['test/kubectl/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000, retry: 2 },
      },
      {
        extends: true,
        test: { name: 'contract', include: ['test/contract/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000, retry: 2 },
      },
    ],
  },
})
