/// A corner of which no documentation of ingress-nginx says what it does there, and how it is taken here. Each is a case of
/// `Tests/Scenarios/test_behaviour_of_*.py`, by the name of the annotation and of the corner.
struct NginxSilence: Sendable {
    let annotation: String
    let corner: String
    let taken: String

    private init(_ annotation: String, _ corner: String, _ taken: String) {
        (self.annotation, self.corner, self.taken) = (annotation, corner, taken)
    }

    static let all: [NginxSilence] = [
        NginxSilence("app-root", "drops the query", "the address that is answered has no query"),
        NginxSilence("app-root", "keeps the port that the client said", "as nginx's `$http_host` does"),
        NginxSilence("app-root", "holds for other methods", "302 for POST, too"),
        NginxSilence("app-root", "holds where nobody has /", "it is the host's, not a path's"),
        NginxSilence(
            "temporal-redirect", "is not told the code of the other",
            "`permanent-redirect-code` says nothing of it"),
        NginxSilence("from-to-www-redirect", "comes before other redirects", "it is another server there"),
        NginxSilence(
            "from-to-www-redirect", "wildcards have no other name", "nothing is done with the annotation"),
        NginxSilence("server-alias", "is sent to HTTPS under its own name", "not under the host's"),
        NginxSilence(
            "server-alias", "an older one that is left out does not count",
            "an Ingress with an annotation that drops it has no say in what is the oldest"),
        NginxSilence("auth-signin", "alone it is nothing", "without `auth-url` nobody is sent there"),
        NginxSilence("auth-signin", "what fails is sent nowhere", "500, and no redirect"),
        NginxSilence(
            "satisfy", "any: an address, and nobody is asked", "who is let in by address is not asked about"),
        NginxSilence("satisfy", "any: a list alone is a list", "there is nothing else that could be enough"),
        NginxSilence("limit-rpm", "zero is no limit", "as if it were absent"),
        NginxSilence(
            "use-forwarded-headers", "what is no address is nobody",
            "the last good address on its right counts, at least the connection's"),
        NginxSilence(
            "use-forwarded-headers", "the proxy itself is meant if it names nobody",
            "by the connection's address"),
    ]
}
