/// admission.k8s.io/v1 AdmissionReview as the API server sends it: what somebody is about to write.
public struct AdmissionReview: Sendable, Equatable {
    /// Names the question; the answer repeats it.
    public var uid = ""
    /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT`, or as found.
    public var operation = ""
    /// The kind that is written, as in URLs.
    public var resource = Target()
    /// The namespace it is written to; empty for what has none.
    public var namespace = ""
    /// What is to be written; nothing for `DELETE`.
    public var object = Submitted.nothing
    /// What is there now; nothing for `CREATE`.
    public var oldObject = Submitted.nothing

    /// What a review is about.
    public struct Target: Sendable, Equatable {
        /// `networking.k8s.io`; empty for the core.
        public var group = ""
        /// `v1`.
        public var version = ""
        /// `ingresses`.
        public var plural = ""
        /// `status`, or empty for the object itself.
        public var part = ""

        /// Nothing yet.
        public init() {}

        /// Whether it is an Ingress as it is decoded here, and not a part of one.
        public var isIngress: Bool {
            group == "networking.k8s.io" && version == "v1" && plural == "ingresses" && part.isEmpty
        }
    }

    /// An object in a review, read as an Ingress whatever it is: what it is may stand behind it.
    public enum Submitted: Sendable, Equatable {
        case nothing
        case ingress(Ingress)
        /// It is not one, or not one that could be read.
        case unreadable(RejectedObject)

        /// The Ingress, if it is one.
        public var ingress: Ingress? {
            if case .ingress(let ingress) = self { ingress } else { nil }
        }
    }

    /// An empty review.
    public init() {}
}
