/// What shells are told of our words, made from the tables of subcommands and flags.
enum CompletionScript {
    /// The shells there is a script for.
    static let shells = ["bash", "zsh", "fish"]

    /// The script of a shell; nil for another one.
    static func of(_ shell: String) -> String? {
        switch shell {
        case "bash": bash
        case "zsh": zsh
        case "fish": fish
        default: nil
        }
    }

    private static var subcommands: [Subcommand] { Subcommand.allCases }

    private static func flags(of subcommand: Subcommand) -> [Flag] {
        FlagTable.flags(of: subcommand)
    }

    private static func words(_ flag: Flag) -> [String] {
        if case .choice(let words) = flag.value { words } else { [] }
    }

    /// Between single quotes, in any of the shells.
    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "") + "'"
    }

    private static var bash: String {
        var text = """
            # bash: source <(sluice completion bash)
            _sluice() {
                local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} flags= values=
                COMPREPLY=()
                if [ "$COMP_CWORD" -eq 1 ]; then
                    COMPREPLY=($(compgen -W "\(subcommands.map(\.rawValue).joined(separator: " "))" -- "$word"))
                    return
                fi
                case ${COMP_WORDS[1]} in

            """
        for subcommand in subcommands {
            let names = flags(of: subcommand).map { "--\($0.name)" } + ["--help"]
            text += "    \(subcommand.rawValue)) flags=\"\(names.joined(separator: " "))\" ;;\n"
        }
        text += "    esac\n    case ${COMP_WORDS[1]}:$before in\n"
        for subcommand in subcommands {
            for flag in flags(of: subcommand) where !words(flag).isEmpty {
                let list = words(flag).joined(separator: " ")
                text += "    \(subcommand.rawValue):--\(flag.name)) values=\"\(list)\" ;;\n"
            }
        }
        text += "    completion:*) values=\"\(shells.joined(separator: " "))\" ;;\n"
        return text + """
                esac
                case $word in
                -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
                *) if [ -n "$values" ]; then COMPREPLY=($(compgen -W "$values" -- "$word")); else COMPREPLY=($(compgen -f -- "$word")); fi ;;
                esac
            }
            complete -o filenames -F _sluice sluice

            """
    }

    private static var zsh: String {
        var text = "#compdef sluice\n# zsh: source <(sluice completion zsh)\n_sluice() {\n"
        text += "    local -a commands=(\n"
        for subcommand in subcommands {
            let summary = subcommand.summary.replacing(":", with: "")
            text += "        \(quoted("\(subcommand.rawValue):\(summary)"))\n"
        }
        text += "    )\n    if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
        text += "    local command=$words[2]\n    shift words; (( CURRENT-- ))\n    case $command in\n"
        for subcommand in subcommands {
            text += "    \(subcommand.rawValue))\n        _arguments -S \\\n"
            for flag in flags(of: subcommand) {
                text += "            \(quoted(zshEntry(flag))) \\\n"
            }
            let last =
                subcommand == .completion ? "1:shell:(\(shells.joined(separator: " ")))" : "*:file:_files"
            text += "            '--help[Print the flags.]' \(quoted(last))\n        ;;\n"
        }
        return text + "    esac\n}\ncompdef _sluice sluice\n"
    }

    private static func zshEntry(_ flag: Flag) -> String {
        let help = flag.help.replacing("[", with: "(").replacing("]", with: ")").replacing(":", with: "")
        let star = flag.isRepeatable ? "*" : ""
        guard let placeholder = flag.value.placeholder else { return "\(star)--\(flag.name)[\(help)]" }
        let choice = words(flag)
        let action = choice.isEmpty ? "_files" : "(\(choice.joined(separator: " ")))"
        let value = placeholder.replacing(":", with: " ").replacing("[", with: "").replacing("]", with: "")
        return "\(star)--\(flag.name)=[\(help)]:\(value):\(action)"
    }

    private static var fish: String {
        var text = "# fish: sluice completion fish | source\ncomplete -c sluice -n __fish_use_subcommand -f\n"
        for subcommand in subcommands {
            text +=
                "complete -c sluice -n __fish_use_subcommand -a \(subcommand.rawValue) -d \(quoted(subcommand.summary))\n"
        }
        for subcommand in subcommands {
            let here = "complete -c sluice -n '__fish_seen_subcommand_from \(subcommand.rawValue)'"
            for flag in flags(of: subcommand) {
                let letter = flag.letter.map { " -s \($0)" } ?? ""
                let value = flag.value.placeholder == nil ? "" : " -r"
                let choice = words(flag)
                let list = choice.isEmpty ? "" : " -f -a \(quoted(choice.joined(separator: " ")))"
                text += "\(here) -l \(flag.name)\(letter)\(value)\(list) -d \(quoted(flag.help))\n"
            }
        }
        return text
            + "complete -c sluice -n '__fish_seen_subcommand_from completion' -f -a \(quoted(shells.joined(separator: " ")))\n"
    }
}
