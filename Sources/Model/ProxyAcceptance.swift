/// Whose connections to a bind begin with a PROXY header (version 1 or 2), before TLS and HTTP.
///
/// Who is believed chooses the address that logs, servers and access rules see. There is no guessing: a connection that
/// must begin with a header and does not is closed, and a header of anybody else is the client's own bytes, which are no
/// request.
public enum ProxyAcceptance: Sendable, Equatable {
    /// Nobody's.
    case off
    /// All of them: HAProxy's `accept-proxy`, ingress-nginx's `use-proxy-protocol`.
    case everyone
    /// Those from these networks (CIDR or single addresses): HAProxy's `tcp-request connection expect-proxy layer4 if { src … }`.
    case from([String])
}
