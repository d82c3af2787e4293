import Basics
import Model
import Wire

/// Who a client says it is, and whether a list believes it.
extension Worker.ExchangeSource {
    /// What a fetch about credentials gives.
    func ofCredentials(
        _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor,
        _ workspace: inout SampleWorkspace
    ) -> Sample? {
        switch code {
        case .credentials(let part): return read(part, &workspace)
        case .bearer(let field):
            guard let credentials = credentials(literals[field]) else { return nil }
            // Of a field of its own, all of it is the token.
            guard credentials.type.equalsIgnoringCase("bearer") else { return nil }
            return .string(credentials.rest)
        case .authenticated(let list):
            guard let given = credentials("authorization")?.basic(&workspace) else { return nil }
            return .boolean(user(given, of: literals[list]) != nil)
        case .groups(let list):
            guard let given = credentials("authorization")?.basic(&workspace),
                let user = user(given, of: literals[list])
            else {
                if cursor.isOfEach { cursor = .end }
                return nil
            }
            guard cursor.isOfEach else { return .string(user[].name.view) }
            return cursor.nextGroup(of: user).map { .string($0) }
        default: return nil
        }
    }

    private func read(_ part: CredentialPart, _ workspace: inout SampleWorkspace) -> Sample? {
        guard let credentials = credentials("authorization") else { return nil }
        switch part {
        case .type:
            // In one spelling, and only of what can be understood.
            if credentials.type.equalsIgnoringCase("bearer") {
                return .string(("Bearer" as StaticString).view)
            }
            return credentials.basic(&workspace).map { _ in .string(("Basic" as StaticString).view) }
        case .user: return credentials.basic(&workspace).map { .string($0.user) }
        case .password: return credentials.basic(&workspace).map { .string($0.password) }
        }
    }

    private func credentials(_ field: StaticString) -> Credentials? { credentials(field.view) }

    private func credentials(_ field: ByteView) -> Credentials? {
        guard exchange[].request.count > 0, exchange[].savedLine == nil else { return nil }
        let head = worker.head(of: exchange)
        return FieldValues.value(-1, exchange[].request.fields, head, field, isWhole: true)
            .flatMap { Credentials($0) }
    }

    private func user(_ given: (user: ByteView, password: ByteView), of list: ByteView) -> Ref<
        UserLists.User
    >? {
        guard let user = worker.snapshot.users.user(given.user, of: list),
            worker.rightPasswords.matches(given.password, user)
        else { return nil }
        return user
    }
}

extension SampleCursor {
    /// The next group of a user.
    fileprivate mutating func nextGroup(of user: Ref<UserLists.User>) -> ByteView? {
        var place = 0
        if case .groups(let next) = self { place = next }
        guard place < user[].groups.count else {
            self = .end
            return nil
        }
        self = .groups(place + 1)
        return user[].groups[place].view
    }
}
