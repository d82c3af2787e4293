/// Who may come in, by name and password: HAProxy's `userlist`.
public struct UserList: Sendable, Equatable {
    /// What rules call it.
    public var name: String
    /// Who is in it; of one name the first counts.
    public var users: [User] = []

    /// Somebody.
    public struct User: Sendable, Equatable {
        /// The name, as clients give it.
        public var name: String
        /// What is compared with what clients give.
        public var password: Password
        /// The groups the user is in.
        public var groups: [String] = []

        /// A user from its parts.
        public init(_ name: String, _ password: Password, groups: [String] = []) {
            self.name = name
            self.password = password
            self.groups = groups
        }
    }

    /// A password, as it is kept. Never part of a description.
    public enum Password: Sendable, Equatable, CustomStringConvertible {
        /// Nobody comes in.
        case none
        /// As it is.
        case plain(String)
        /// As crypt(3) made it.
        case hashed(String)

        /// Says nothing of it.
        public var description: String { "password" }
    }

    /// A list without users.
    public init(_ name: String) { self.name = name }
}

/// What a client says of itself in `Authorization`, under HAProxy's names.
public enum CredentialPart: String, Sendable, CaseIterable {
    case user = "http_auth_user"
    case password = "http_auth_pass"
    /// `Basic`, `Bearer`.
    case type = "http_auth_type"
}
