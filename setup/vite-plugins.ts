import { defineVitePluginsSetup } from '@slidev/types'
import { labManifest } from './lab-manifest.ts'

export default defineVitePluginsSetup((options) => [labManifest(options)])
