/** Completion of `lab` for bash: `source <(lab completion bash)`. */
export const COMPLETION = `_lab() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=""
  case "\${COMP_WORDS[*]:1:COMP_CWORD-1}" in
    "") words="node clock reset status arp trace completion help" ;;
    node) words="stop start" ;;
    "node stop"|"node start") words="$(lab status 2>/dev/null | awk '$3 == "on" || $3 == "off" { print $1 }')" ;;
    clock) words="forward speed pause resume" ;;
    "clock forward") words="10s 50s 5m 10m 1h" ;;
    completion) words="bash" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _lab lab
`
