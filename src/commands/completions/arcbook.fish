# Completion of arcbook for fish: arcbook completions fish | source

function __arcbook_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    set -e words[1]
    for line in ($program __complete fish -- $words "$current" 2>/dev/null)
        if not string match -q ':files*' -- $line
            echo $line
            continue
        end
        # After `-option=` the value begins.
        set -l prefix (string match -r '^-[^=]*=' -- $current)
        set -l path (string replace -- "$prefix" '' $current)
        set -l endings (string split -n ' ' -- (string replace ':files' '' -- $line))
        for file in (__fish_complete_path $path)
            set -l name (string split -m 1 \t -- $file)[1]
            if test (count $endings) -eq 0; or string match -q '*/' -- $name
                echo "$prefix$file"
                continue
            end
            for ending in $endings
                string match -q "*.$ending" -- $name; and echo "$prefix$file"
            end
        end
    end
end

complete -c arcbook -e
complete -c arcbook -f -k -a '(__arcbook_complete)'
