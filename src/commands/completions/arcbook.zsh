#compdef arcbook
# Completion of arcbook for zsh: source <(arcbook completions zsh)

_arcbook() {
    local line word files=none
    local -a found begun endings
    local program=${${(Q)words[1]}/#\~\//$HOME/}
    for line in "${(@f)$("$program" __complete zsh -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        word=${line%%$'\t'*}
        case $line in
            '') ;;
            :files*) files=${line#:files} ;;
            # More of such a word is to come.
            *[=.]$'\t'*) begun+=("${word//:/\\:}:${line#*$'\t'}") ;;
            *) found+=("${word//:/\\:}:${line#*$'\t'}") ;;
        esac
    done
    (( $#found )) && _describe -V arcbook found
    (( $#begun )) && _describe -V arcbook begun -S ''
    [[ $files == none ]] && return
    [[ $PREFIX == -*=* ]] && compset -P '*='
    endings=(${=files})
    if (( $#endings )); then _files -g "*.(${(j:|:)endings})"; else _files; fi
}

if [[ $funcstack[1] == _arcbook ]]; then _arcbook "$@"; else compdef _arcbook arcbook; fi
