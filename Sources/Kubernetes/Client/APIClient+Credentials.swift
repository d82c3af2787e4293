extension APIClient {
    /// Tells the credentials now and whenever they change, on the client's thread, for connections that others make to the API
    /// server. False when the client has been stopped.
    public func followCredentials(_ tell: @escaping @Sendable (CredentialNews) -> Void) -> Bool {
        post { loop in
            let follower = CredentialFollower(on: loop, tell: tell)
            loop.add(follower, as: ObjectIdentifier(follower))
        }
    }

    /// The API server has answered 401 to these: the next ones are read anew. Nothing happens if there are others already.
    public func reject(_ credentials: AccessCredentials) {
        _ = post { loop in loop.reject(credentials) }
    }
}
