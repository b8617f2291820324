# Completion of arcbook for elvish: eval (arcbook completions elvish | slurp)

use str

set edit:completion:arg-completer[arcbook] = {|program @words|
    var answers = []
    try {
        set answers = [((external $program) __complete elvish -- $@words 2>/dev/null | from-lines)]
    } catch error {
        nop
    }
    for answer $answers {
        if (str:has-prefix $answer ':files') {
            edit:complete-filename $@words
        } else {
            var word help = (str:split &max=2 "\t" $answer)
            edit:complex-candidate $word &display=$word' ('$help')'
        }
    }
}
