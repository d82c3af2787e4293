import Basics
import Model
import Wire

/// `Model.UserList`s as workers ask them.
final class UserLists: Sendable {
    private let lists: FixedArray<List>
    /// Hashes of their names, sorted, and where each list is: there may be one for each Ingress.
    private let places: FixedArray<(hash: UInt64, place: Int)>

    struct List: ~Copyable {
        let name: FixedArray<UInt8>
        let users: FixedArray<User>
    }

    /// One of a list.
    struct User: ~Copyable {
        let name: FixedArray<UInt8>
        /// As it is, or as crypt(3) made it.
        let password: FixedArray<UInt8>
        let kind: Kind
        let groups: FixedArray<FixedArray<UInt8>>

        enum Kind {
            case nobody, plain, hashed
        }

        init(_ model: UserList.User) {
            let (text, kind): (String, Kind) =
                switch model.password {
                case .none: ("", .nobody)
                case .plain(let text): (text, .plain)
                case .hashed(let text): (text, .hashed)
                }
            let name = FixedArray(model.name)
            let password = FixedArray(text)
            let groups = FixedArray(count: model.groups.count) { FixedArray(model.groups[$0]) }
            self.kind = kind
            self.name = name
            self.password = password
            self.groups = groups
        }
    }

    init(_ models: [UserList] = []) {
        lists = FixedArray(count: models.count) { i in
            List(
                name: FixedArray(models[i].name),
                users: FixedArray(count: models[i].users.count) { User(models[i].users[$0]) })
        }
        let hashes = models.indices.map { i in
            (hash: models[i].name.withView { KeyedHash.hash($0) }, place: i)
        }.sorted { $0.hash < $1.hash }
        places = FixedArray(count: hashes.count) { hashes[$0] }
    }

    /// Somebody of a list, good as long as this; nil if there is no such list or user.
    func user(_ name: ByteView, of list: ByteView) -> Ref<User>? {
        guard let place = place(of: list) else { return nil }
        for i in 0..<lists[place].users.count where lists[place].users[i].name.view.equals(name) {
            return lists[place].users.reference(i)
        }
        return nil
    }

    private func place(of list: ByteView) -> Int? {
        let hash = KeyedHash.hash(list)
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].hash < hash { low = middle + 1 } else { high = middle }
        }
        while low < places.count, places[low].hash == hash {
            if lists[places[low].place].name.view.equals(list) { return places[low].place }
            low += 1
        }
        return nil
    }
}

/// Passwords that were right, so that they are not hashed for every request: a worker's own, 256 of them, as hashes of 128 bits
/// with the process's secret seed. Wrong ones are not remembered, so nobody outside can push others out.
struct RightPasswords: ~Copyable {
    private let known = FixedArray<(UInt64, UInt64)>(count: 256) { _ in (0, 0) }
    private var text = Buffer(capacity: 2048)

    /// Whether a password is a user's.
    mutating func matches(_ password: ByteView, _ user: Ref<UserLists.User>) -> Bool {
        switch user[].kind {
        case .nobody: return false
        case .plain: return isSame(password, user[].password.view)
        case .hashed: break
        }
        text.reset()
        guard password.count <= 512, text.append(user[].password.view), text.append(0 as UInt8),
            text.append(password)
        else { return false }
        let first = KeyedHash.hash(text.view)
        text.append(0 as UInt8)
        let second = KeyedHash.hash(text.view)
        let place = Int(truncatingIfNeeded: first & 255)
        if known[place] == (first, second) { return true }
        guard PasswordHash.matches(password, user[].password.view.string) else { return false }
        known[place] = (first, second)
        return true
    }

    /// Looks at every byte, so that the time taken tells nothing.
    private func isSame(_ left: ByteView, _ right: ByteView) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for i in 0..<left.count { difference |= left[i] ^ right[i] }
        return difference == 0
    }
}
