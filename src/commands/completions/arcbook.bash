# Completion of arcbook for bash: source <(arcbook completions bash)

_arcbook() {
    local line name ending files='' program=${1/#\~\//$HOME/} current=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :files*) files=$line ;;
            *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done < <("$program" __complete bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    if [[ -n $files ]]; then
        # After `-option=` the value is a word of its own, and the sign another one.
        case $current in =|:) current='' ;; esac
        compopt -o filenames 2>/dev/null
        while IFS= read -r name; do
            COMPREPLY+=("$name")
        done < <(
            if [[ $files == :files ]]; then compgen -f -- "$current"; else compgen -d -- "$current"; fi
            for ending in ${files#:files}; do compgen -f -X "!*.$ending" -- "$current"; done
        )
    fi
    case ${#COMPREPLY[@]}${COMPREPLY[0]} in
        # More of the word is to come.
        1*=|1*.) compopt -o nospace 2>/dev/null ;;
    esac
}

# Without the first option bash orders runs by name; old versions do not know it.
complete -o nosort -F _arcbook arcbook 2>/dev/null || complete -F _arcbook arcbook
