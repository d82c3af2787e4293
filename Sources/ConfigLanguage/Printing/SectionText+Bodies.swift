import Model

/// `compression`, caches and pages of errors.
extension SectionText {
    mutating func add(_ compression: Compression) {
        if !compression.algorithms.isEmpty {
            add(["compression", "algo"] + compression.algorithms.map { Word($0.rawValue) })
        }
        for start in stride(from: 0, to: compression.types.count, by: 50) {
            let types = compression.types[start..<min(compression.types.count, start + 50)]
            add(["compression", "type"] + types.map { Word($0) })
        }
        if compression.minSize > 0 { add("compression", "minsize-res", "\(compression.minSize)") }
        add("compression", "offload", if: compression.isOffload)
        add("compression", "direction", "response", if: compression == Compression(algorithms: []))
    }

    mutating func add(_ use: CacheUse) {
        let name = Word(use.cache.name)
        if use.looksUp { add(["http-request", "cache-use", name], on: use.lookUpConditions) }
        if use.stores { add(["http-response", "cache-store", name], on: use.storeConditions) }
    }

    /// A line for each condition; one without if there is none.
    private mutating func add(_ words: [Word], on conditions: [RuleCondition]) {
        if conditions.isEmpty { add(words) }
        for condition in conditions { add(words, when: condition) }
    }

    /// What stands in a `cache` section.
    mutating func add(_ cache: Cache) {
        if cache.totalSize & 0xF_FFFF != 0 {
            remark("its size is \(cache.totalSize) bytes, which is no whole megabytes")
        }
        add("total-max-size", "\(max(1, cache.totalSize >> 20))")
        if cache.maxObjectSize > 0 { add("max-object-size", "\(cache.maxObjectSize)") }
        add("max-age", "\(cache.maxAge)")
        add("process-vary", "on", if: cache.processesVary)
        if cache.maxSecondaryEntries != 10 { add("max-secondary-entries", "\(cache.maxSecondaryEntries)") }
    }

    /// Pages by status.
    mutating func add(errorPages: [UInt16: ErrorPage]) {
        for (status, page) in errorPages.sorted(by: { $0.key < $1.key }) {
            if let composed = page.composed {
                add(["http-error", "status", "\(status)"] + AnswerSpelling.content(composed, self))
            } else if let location = page.location {
                let code = page.status
                add("errorloc\(code)", "\(status)", Word(location))
            } else if page.isSilent {
                add("errorfile", "\(status)", "/dev/null")
            } else if let file = context.files?.pages.first(where: { $0.page == page })?.file {
                add("errorfile", "\(status)", file)
            } else if page.status == status, let content = AnswerSpelling.content(page) {
                add(["http-error", "status", "\(status)"] + content)
            } else {
                remark("the page of status \(status) can not be written in a line")
            }
        }
    }
}

extension ErrorPage {
    /// Where it sends clients, if it does nothing else.
    fileprivate var location: String? {
        guard status == 302 || status == 303, let location = fields.last?.value, !location.isEmpty,
            self == ErrorPage(redirecting: status, to: location)
        else { return nil }
        return location
    }
}
