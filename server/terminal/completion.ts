/**
 * Completion for kubectl and k. What `kubectl completion bash` prints leans on the bash-completion package, which many machines do not have (macOS, small
 * images): the two functions that it needs stand here in their plainest form, used only where the package is absent.
 */
const FALLBACK = `if ! declare -F _get_comp_words_by_ref >/dev/null; then
  _get_comp_words_by_ref() {
    while [ $# -gt 0 ]; do
      case "$1" in
        -n) shift ;;
        cur) cur=\${COMP_WORDS[COMP_CWORD]} ;;
        prev) prev=\${COMP_WORDS[COMP_CWORD-1]} ;;
        words) words=("\${COMP_WORDS[@]}") ;;
        cword) cword=$COMP_CWORD ;;
      esac
      shift
    done
  }
  __ltrim_colon_completions() { :; }
  COMP_WORDBREAKS=\${COMP_WORDBREAKS//[:=]/}
fi`

/** Lines of the start-up file that load the completion from a file. */
export function completionScript(file: string): string {
  return `${FALLBACK}
. '${file.replaceAll("'", `'\\''`)}'
complete -o default -o nospace -F __start_kubectl k`
}
