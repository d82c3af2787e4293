import Model

/// User lists, once all of them have been read.
extension Assembly {
    /// Enters the lists; those that rules ask for have to be there.
    mutating func enter(_ sections: [UserListSection]) {
        for section in sections {
            let (list, problems) = section.finished
            result.userLists.append(list)
            for (sentence, place) in problems { add(.error, "Conflict", sentence, place) }
        }
        for proxy in proxies where !proxy.isDisabled {
            for draft in proxy.rules.requests + proxy.rules.redirects {
                check(draft.rule.condition, draft.name, proxy, draft.place)
            }
            if let page = proxy.statistics {
                for condition in page.access.compactMap(\.condition) + page.admins {
                    check(condition, "stats", proxy, proxy.statisticsLine ?? proxy.line)
                }
            }
            for draft in proxy.rules.backends + proxy.rules.servers {
                check(draft.condition, "choice of '\(draft.name.text)'", proxy, draft.place)
            }
        }
    }

    private mutating func check(
        _ condition: RuleCondition?, _ rule: String, _ proxy: Proxy, _ place: SourceLocation
    ) {
        for test in condition?.alternatives.joined().flatMap(\.tests) ?? [] {
            guard let name = test.expression.fetch.userList,
                !result.userLists.contains(where: { $0.name == name })
            else { continue }
            let nearest = Suggestion.nearest(to: name, among: result.userLists.map(\.name))
            add(
                .error, "UnknownUserList",
                "'\(rule)' of \(proxy.title): no userlist is called '\(name)'"
                    + (nearest.map { "; did you mean '\($0)'?" } ?? ""), place)
        }
    }
}

extension Fetch {
    /// The list it asks.
    fileprivate var userList: String? {
        switch self {
        case .authenticated(let list), .authenticatedGroups(let list): list
        default: nil
        }
    }
}
