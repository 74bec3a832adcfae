import { defineConfig } from '@playwright/test'
import { findBrowser } from './server/browser.ts'

const browser = await findBrowser()
if ('error' in browser) throw new Error(browser.error)

/** Browser tests share one machine with the labs that they start: one worker, so that a busy machine stays honest. */
export default defineConfig({
  testDir: 'test/browser',
  outputDir: 'test-results/browser',
  workers: 1,
  // a shared machine stalls now and then; what passes only on the second try is told as flaky
  retries: 1,
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/browser.json' }]],
  use: {
    viewport: { width: 1920, height: 1080 },
    launchOptions: { executablePath: browser.path, args: browser.args },
    screenshot: 'only-on-failure',
    trace: 'off',
  },
})
