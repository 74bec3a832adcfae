/** What MetalLB's own BGP implementation ("native", that of the native manifest) cannot do and refuses: internal/config/validation.go. */
import { communityError, isLargeCommunity } from './bgp.ts'
import { cidrText } from './cidr.ts'
import { ConfigError } from './config-error.ts'
import type { ConfigObjects } from './config-objects.ts'
import { milliseconds } from './go-duration.ts'
import { poolCidrs } from './pool.ts'
import { anySelects } from './selectors.ts'

/** Throws {@link ConfigError}; nothing is looked at beyond what only FRR knows. */
export function refuseWhatNativeModeLacks(objects: ConfigObjects): void {
  for (const { spec = {} } of objects.peers ?? []) {
    const set: [boolean, string][] = [
      [Boolean(spec.bfdProfile), 'bfd-profile set'],
      [milliseconds(spec.keepaliveTime) !== 0, 'keepalive-time set'],
      [Boolean(spec.vrf), 'vrf set'],
      [spec.connectTime !== undefined, 'connect time set'],
      [spec.enableGracefulRestart === true, 'EnableGracefulRestart flag set'],
      [spec.disableMP === true, 'disable MP flag set'],
      [spec.dualStackAddressFamily === true, 'dualstackaddressfamily flag set'],
      [Boolean(spec.dynamicASN), 'dynamicASN set'],
      [Boolean(spec.interface), 'interface set'],
    ]
    const found = set.find(([is]) => is)
    if (found) throw new ConfigError(`peer ${spec.peerAddress ?? ''} has ${found[1]} on native bgp mode`)
  }
  if ((objects.bfdProfiles ?? []).length > 0) throw new ConfigError('bfd profiles section set')
  refuseIpv6(objects)
  refuseLargeCommunities(objects)
}

function refuseIpv6({ pools = [], bgpAdvertisements = [] }: ConfigObjects): void {
  if (bgpAdvertisements.length === 0) return
  const all = bgpAdvertisements.some(({ spec = {} }) => !spec.ipAddressPools?.length && !spec.ipAddressPoolSelectors?.length)
  for (const { metadata, spec = {} } of pools) {
    const advertised = bgpAdvertisements.some(
      (advertisement) =>
        advertisement.spec?.ipAddressPools?.includes(metadata.name) ||
        anySelects(advertisement.spec?.ipAddressPoolSelectors ?? [], metadata.labels),
    )
    if (!all && !advertised) continue
    for (const text of (spec.addresses ?? []) as string[]) {
      const six = poolCidrs(metadata.name, [text]).find(({ family }) => family === 6)
      if (six)
        throw new ConfigError(`pool ${JSON.stringify(metadata.name)} has ipv6 CIDR ${cidrText(six)}, native bgp mode does not support ipv6`)
    }
  }
}

function refuseLargeCommunities({ bgpAdvertisements = [], communities = [] }: ConfigObjects): void {
  const large = (text: string): boolean => communityError(text) === null && isLargeCommunity(text)
  const only = 'native BGP mode only supports legacy communities, BGP'
  for (const { metadata, spec = {} } of bgpAdvertisements)
    for (const text of (spec.communities ?? []) as string[])
      if (large(text))
        throw new ConfigError(`${only} advertisement ${JSON.stringify(metadata.name)} has non legacy community ${JSON.stringify(text)}`)
  for (const { metadata, spec = {} } of communities)
    for (const { name, value } of (spec.communities ?? []) as { name: string; value: string }[])
      if (large(value))
        throw new ConfigError(
          `${only} community CR ${JSON.stringify(metadata.name)} has non legacy community {${JSON.stringify(name)} ${JSON.stringify(value)}}`,
        )
}
