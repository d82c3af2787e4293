/// Where an API server passes requests on to a port of a pod.
public enum PodProxyPath {
    /// `/api/v1/namespaces/NS/pods/[https:]NAME:PORT/proxy`, below the API server's address; the request's own path follows.
    public static func path(to pod: String, in namespace: String, port: Int, isSecure: Bool) -> String {
        let scheme = isSecure ? "https:" : ""
        return
            "/api/v1/namespaces/\(PercentEncoding.encode(namespace))/pods/\(scheme)\(PercentEncoding.encode(pod)):\(port)/proxy"
    }

    /// A regular expression of all such paths, as API servers put them into what pods answer.
    public static let pattern = "/api/v1/namespaces/[^/]+/pods/[^/]+/proxy"

    /// How the body of an answer begins that is an API server's own: a Status, without white space.
    public static let ownAnswer = #"{"kind":"Status","apiVersion":"v1""#

    /// Names of fields, in lower case, by which API servers take clients for somebody. One that ends with a hyphen stands for
    /// all that begin so.
    public static let reservedFields = ["authorization", "impersonate-"]
}
