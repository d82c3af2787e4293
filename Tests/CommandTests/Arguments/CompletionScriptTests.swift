import Testing

@testable import Command

@Suite("Completion by shells")
struct CompletionScriptTests {
    @Test(
        "every subcommand and flag of this build is known to each shell", arguments: CompletionScript.shells)
    func whole(shell: String) throws {
        let script = try #require(CompletionScript.of(shell))
        for subcommand in Subcommand.allCases {
            #expect(script.contains(subcommand.rawValue))
            for flag in FlagTable.flags(of: subcommand) {
                #expect(script.contains(shell == "fish" ? "-l \(flag.name)" : "--\(flag.name)"))
            }
        }
    }

    @Test("there is none for another shell")
    func none() {
        #expect(CompletionScript.of("tcsh") == nil)
    }
}
