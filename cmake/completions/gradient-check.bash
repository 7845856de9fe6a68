# Bash completion of gradient-check.
_gradient_check() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local formats="text json junit sarif github html"
  case $previous in
    --format) COMPREPLY=($(compgen -W "$formats" -- "$current")); return ;;
    --output) compopt -o nospace; COMPREPLY=($(compgen -S : -W "$formats" -- "$current")); return ;;
    --color) COMPREPLY=($(compgen -W "auto always never" -- "$current")); return ;;
    --device) COMPREPLY=($(compgen -W "cpu cuda" -- "$current")); return ;;
    --explain)
      COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" --explain 2>/dev/null | cut -d ' ' -f 1)" -- "$current"))
      return ;;
    --filter|--jobs|-j|--timeout|--memory|--shard|--seed|--rtol|--atol) return ;;
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "--format --output --list --filter --fail-fast --rerun-failed --plots --jobs --timeout --memory \
      --shard --merge --diff --fix --seed --rtol --atol --load --device --color --new --explain \
      --print-schema --recorder --entry --shape --set --dtype --from --quiet --verbose --allow-empty --help --version" -- "$current"))
    return
  fi
  compopt -o default
  COMPREPLY=()
}
complete -F _gradient_check gradient-check
