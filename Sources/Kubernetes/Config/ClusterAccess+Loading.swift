import Basics

extension ClusterAccess {
    /// Finds the configuration: the given file, else the files of `KUBECONFIG`, else the service account of the pod
    /// we run in, else `~/.kube/config`.
    public static func load(
        kubeconfig: String?, context: String?, environment: [String: String]
    ) throws(ClusterError) -> ClusterAccess {
        if let kubeconfig {
            return try load([kubeconfig], context, areRequired: true)
        }
        let listed = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
        if !listed.isEmpty { return try load(listed, context, areRequired: false) }
        if context == nil, let access = inCluster(environment: environment) { return access }
        guard let home = environment["HOME"], !home.isEmpty else { throw .noConfiguration }
        return try load(["\(home)/.kube/config"], context, areRequired: false)
    }

    private static func load(
        _ paths: [String], _ context: String?, areRequired: Bool
    ) throws(ClusterError) -> ClusterAccess {
        var merged: Kubeconfig?
        for path in paths {
            switch FileContents.read(path) {
            case .failure(let failure) where failure.isMissing && !areRequired: continue
            case .failure(let failure): throw .unreadable(path: path, reason: "\(failure)")
            case .success(let contents):
                let file = try Kubeconfig(reading: contents, path: path)
                if merged == nil { merged = file } else { merged?.merge(file) }
            }
        }
        guard let merged else { throw .noConfiguration }
        let access = try merged.access(context: context) { try? FileContents.read($0).get() }
        guard let problem = access.problem(read: FileContents.read) else { return access }
        let name = context ?? merged.currentContext
        throw .malformed(path: paths.joined(separator: ":"), reason: "context \(name): \(problem)")
    }
}
