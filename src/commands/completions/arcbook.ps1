# Completion of arcbook for PowerShell: arcbook completions powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName arcbook -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $elements = @($commandAst.CommandElements)
    $program = $elements[0].Extent.Text
    $words = @($elements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { if ($_.Value -is [string]) { $_.Value } else { $_.Extent.Text } })
    # Old versions give a program no empty argument, so the last one ends with a mark.
    $answers = @(& $program __complete powershell -- @words "$wordToComplete|" 2>$null)
    foreach ($answer in $answers) {
        if ($answer -like ':files*') {
            $endings = @($answer.Substring(6).Split(' ', [StringSplitOptions]::RemoveEmptyEntries))
            $prefix = if ($wordToComplete -match '^-[^=]*=') { $Matches[0] } else { '' }
            $path = $wordToComplete.Substring($prefix.Length)
            [System.Management.Automation.CompletionCompleters]::CompleteFilename($path) | Where-Object {
                $name = $_.ListItemText
                $_.ResultType -eq 'ProviderContainer' -or $endings.Count -eq 0 -or
                    @($endings | Where-Object { $name.EndsWith(".$_") }).Count -gt 0
            } | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new(
                    $prefix + $_.CompletionText, $_.ListItemText, $_.ResultType, $_.ToolTip)
            }
            continue
        }
        $word, $help = $answer.Split("`t", 2)
        if (-not $help) { $help = $word }
        # Typographic quotes end a string too, and a bare word that begins with `-` is cut at its first point.
        $text = if ($word -match '[\s"''`$(){}\[\];,|&<>@#\u2018-\u201E]|^-.*\.') {
            "'" + ($word -replace "['\u2018-\u201B]", '$0$0') + "'"
        } else { $word }
        [System.Management.Automation.CompletionResult]::new($text, $word, 'ParameterValue', $help)
    }
}
