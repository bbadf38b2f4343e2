# Completion of weir in bash: asks weir itself what may come next.
_weir() {
  local i line word whole current=${COMP_WORDS[COMP_CWORD]} words=() glue=
  # bash splits words at "=" and ":"; weir sees them as they were typed.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ -n $glue || ( $word == [=:]* && i -gt 1 ) ]]; then
      words[${#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
    glue=
    [[ $word == [=:] ]] && glue=1
  done
  [[ $current == [=:] ]] && current=
  whole=${words[${#words[@]} - 1]}
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o default
      continue
    fi
    word=${line%%$'\t'*}
    # The part before a "=" or ":" stands on the line already.
    COMPREPLY+=("${word:${#whole}-${#current}}")
  done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
  [[ ${COMPREPLY[*]} == *= ]] && compopt -o nospace
  return 0
}
complete -F _weir weir
