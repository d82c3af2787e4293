import Testing

/// Inside a room the folders stand in dependency order: one never names a type declared in a later one.
@Suite("Folder order")
struct FolderOrderTests {
    /// From the ground up; folders of one floor may know each other. Files at the top of a room see all of it.
    private static let order: [String: [[String]]] = [
        "Basics": [["Bytes"], ["Containers"], ["Net"], ["Text"]],
        "Wire": [
            ["Pattern"], ["Loop"], ["Socket"], ["ProxyProtocol", "Compression", "DNS"], ["TLS"], ["HTTP"],
            ["HTTP1"],
            ["HTTP2", "FastCGI", "Peers"],
            ["Transport"],
        ],
        "Engine": [
            ["Compression", "Persistence", "Tables"],
            // One request's objects point at each other: client, exchange, route, pool, server.
            [
                "Balance", "Cache", "Routing", "Upstream", "Exchange", "Frontend", "Health", "Resolving",
                "Samples",
                "Rules",
                "Tracking", "Patterns", "Tracing",
                "Logging", "Peers",
            ],
            ["Observe"],
            ["Worker"],
        ],
        "ConfigLanguage": [
            ["Text"], ["Keywords"], ["Expressions"], ["Sections"], ["Directives"], ["Reading"], ["Printing"],
        ],
        "Kubernetes": [
            ["Objects"], ["Decoding"], ["Manifests"], ["Config"], ["Client"], ["Watch"], ["Informer"],
            ["Writing"], ["Lease"], ["Events"],
        ],
        "Controller": [
            ["Settings"], ["State"], ["Annotations"], ["Translate"], ["Report"], ["Admission"], ["Pipeline"],
            ["Sources"],
            ["Migration"],
        ],
        "Admin": [["JSON"], ["Server"], ["Health"], ["Metrics"], ["Statistics"], ["Pages"], ["Runtime"]],
    ]

    @Test("a folder never names a type that a later folder declares", arguments: order.keys.sorted())
    func foldersNeverNameLaterTypes(room: String) {
        let files = SourceTree.house.sources(of: room)
        let homes = folderOfEachType(in: files)
        let rank = rankOfEachFolder(of: room)
        let offenders = files.flatMap { file -> [String] in
            // `Worker+Accept.swift` is a part of `Worker`, wherever it lies, and may know what `Worker` may know.
            guard let own = [file.folder, homes[file.subject] ?? ""].compactMap({ rank[$0] }).max() else {
                return []
            }
            return file.namedTypes.compactMap { token in
                guard let home = homes[token.text], let other = rank[home], other > own else { return nil }
                return file.at(token.line, "\(token.text) of \(home)")
            }
        }
        #expect(offenders == [])
    }

    @Test("every folder of a room has a place in the order", arguments: order.keys.sorted())
    func everyFolderHasAPlace(room: String) {
        let folders = Set(SourceTree.house.sources(of: room).map(\.folder)).subtracting([""])
        #expect(folders.subtracting((Self.order[room] ?? []).joined()) == [])
    }

    private func rankOfEachFolder(of room: String) -> [String: Int] {
        let floors = (Self.order[room] ?? []).enumerated()
        let ranks = floors.flatMap { floor, folders in folders.map { ($0, floor) } }
        return Dictionary(uniqueKeysWithValues: ranks)
    }

    /// A name declared in two folders says nothing about direction and is left out.
    private func folderOfEachType(in files: [SourceFile]) -> [String: String] {
        var homes: [String: Set<String>] = [:]
        for file in files {
            for type in file.types where type.isTopLevel { homes[type.name, default: []].insert(file.folder) }
        }
        return homes.compactMapValues { $0.count == 1 ? $0.first : nil }
    }
}

extension SourceFile {
    /// Words that begin with a capital and are no members: `Model.Change` counts as `Model`.
    fileprivate var namedTypes: [Token] {
        code.indices.filter { i in
            code[i].kind == .word && code[i].text.first?.isUppercase == true
                && (i == 0 || !code[i - 1].isSign("."))
        }.map { code[$0] }
    }
}
