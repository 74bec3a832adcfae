/** Programs by name: all that the lab's busybox has, and those of a Debian image. What is not here is not in the images either. */
import type { Program } from './process.ts'
import { date } from './programs/dates.ts'
import { expr } from './programs/expr.ts'
import { cat, chmod, cp, find, ln, mkdir, mv, pwd, readlink, rm, rmdir, stat, touch } from './programs/files.ts'
import { grep } from './programs/grep.ts'
import { ls } from './programs/listing.ts'
import { oldNslookup, wget } from './programs/network.ts'
import { nslookup } from './programs/nslookup.ts'
import { echoProgram, printfProgram } from './programs/output.ts'
import { basename, dirname, mktemp, which } from './programs/paths.ts'
import { busyboxProgram, env, printenv, sleep, timeout, xargs } from './programs/running.ts'
import { sed } from './programs/sed.ts'
import { fail, hostname, id, kill, nproc, ps, stty, succeed, tty, uname, whoami } from './programs/system.ts'
import { tar } from './programs/tar.ts'
import { testProgram } from './programs/test.ts'
import { base64, cut, digest, head, rev, seq, sort, tac, tail, tee, tr, uniq, wc, yes } from './programs/text.ts'
import { shellProgram } from './shell/interactive.ts'

/** In /bin and /usr/bin of every image here. */
export const COMMON: Record<string, Program> = {
  '[': testProgram,
  base64,
  basename,
  cat,
  chmod,
  cp,
  cut,
  date,
  dirname,
  echo: echoProgram,
  env,
  expr,
  false: fail,
  find,
  grep,
  head,
  hostname,
  id,
  ln,
  ls,
  md5sum: digest,
  mkdir,
  mktemp,
  mv,
  nproc,
  printenv,
  printf: printfProgram,
  pwd,
  readlink,
  realpath: readlink,
  rm,
  rmdir,
  sed,
  seq,
  sha1sum: digest,
  sha256sum: digest,
  sha512sum: digest,
  sleep,
  sort,
  stat,
  stty,
  tac,
  tail,
  tar,
  tee,
  test: testProgram,
  timeout,
  touch,
  tr,
  true: succeed,
  tty,
  uname,
  uniq,
  wc,
  which,
  whoami,
  xargs,
  yes,
}

const ash = shellProgram('ash')
export const dash = shellProgram('dash')
export const bash = shellProgram('bash')

function busyboxOf(more: Record<string, Program>): Record<string, Program> {
  const programs: Record<string, Program> = { ...COMMON, ash, egrep: grep, fgrep: grep, kill, ps, rev, sh: ash, wget, ...more }
  return { ...programs, busybox: busyboxProgram(() => programs) }
}

/** Applets of busybox 1.30 and later. */
export const APPLETS = busyboxOf({ nslookup })

/** Applets before it. */
export const OLD_APPLETS = busyboxOf({ nslookup: oldNslookup })
