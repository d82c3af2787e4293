/// One request of a reflector, before it becomes a path and a query.
struct ListWatchRequest: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// A watch that begins with everything there is, and says when that is complete.
        case watchList
        /// A list, or one page of it.
        case list
        /// A watch from a version on.
        case watch
    }

    var kind: Kind
    /// `resourceVersion`: opaque; empty asks for the newest state.
    var version: String
    /// The most items a page may hold; 0 is no limit.
    var limit = 0
    /// Where the next page begins; empty for the first.
    var continueToken = ""
    /// After how long the server shall end the watch; 0 for a list.
    var timeoutSeconds: UInt64 = 0

    static func watchList(from version: String, timeoutSeconds: UInt64) -> ListWatchRequest {
        ListWatchRequest(kind: .watchList, version: version, timeoutSeconds: timeoutSeconds)
    }

    static func list(from version: String, limit: Int, continueToken: String = "") -> ListWatchRequest {
        ListWatchRequest(kind: .list, version: version, limit: limit, continueToken: continueToken)
    }

    static func watch(from version: String, timeoutSeconds: UInt64) -> ListWatchRequest {
        ListWatchRequest(kind: .watch, version: version, timeoutSeconds: timeoutSeconds)
    }

    /// Path and query, below the server's address.
    func target(of resource: Resource, selecting selection: ObjectSelection) -> String {
        var items = [(String, String)]()
        if !selection.fieldSelector.isEmpty { items.append(("fieldSelector", selection.fieldSelector)) }
        if !selection.labelSelector.isEmpty { items.append(("labelSelector", selection.labelSelector)) }
        switch kind {
        case .list: items += listItems
        case .watch: items += watchItems
        case .watchList:
            items += watchItems
            items += [("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan")]
        }
        let query = items.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
        let path = resource.path(in: selection.namespace)
        return query.isEmpty ? path : "\(path)?\(query)"
    }

    private var listItems: [(String, String)] {
        var items = [(String, String)]()
        if limit > 0 { items.append(("limit", String(limit))) }
        // The token holds the version it continues; the server refuses both together.
        guard continueToken.isEmpty else { return items + [("continue", continueToken)] }
        if !version.isEmpty { items.append(("resourceVersion", version)) }
        return items
    }

    private var watchItems: [(String, String)] {
        var items = [("watch", "1"), ("allowWatchBookmarks", "true")]
        if !version.isEmpty { items.append(("resourceVersion", version)) }
        return items + [("timeoutSeconds", String(timeoutSeconds))]
    }
}

extension Resource {
    /// Where the API serves the collection; an empty namespace is all of them.
    func path(in namespace: String) -> String {
        let root = apiVersion.utf8.contains(UInt8(ascii: "/")) ? "/apis/" : "/api/"
        guard isNamespaced, !namespace.isEmpty else { return "\(root)\(apiVersion)/\(plural)" }
        return "\(root)\(apiVersion)/namespaces/\(PercentEncoding.encode(namespace))/\(plural)"
    }

    /// Where the API serves one object.
    public func path(of key: ObjectKey) -> String {
        "\(path(in: key.namespace))/\(PercentEncoding.encode(key.name))"
    }
}
