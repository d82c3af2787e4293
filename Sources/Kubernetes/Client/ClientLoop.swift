import Glibc

/// The client's thread: one libcurl multi handle, the transfers on it, and the deadlines of those who use them.
///
/// Everything below runs on this thread and nothing of it is Sendable; other threads post jobs to the mailbox. Users
/// are called between two calls of libcurl, never from inside one, so they may start and cancel transfers at will.
final class ClientLoop {
    private let mailbox: Mailbox
    private let curl: CurlMulti
    private let setup: TransferSetup
    private let credentials: CredentialSource
    private let counts: RequestCounts
    private var running: [UInt: Transfer] = [:]
    /// Wait for the plugin's answer.
    private var waiting: [Transfer] = []
    private var tenants: [ObjectIdentifier: any LoopTenant] = [:]
    private var nextCertificateCheck = UInt64.max

    /// Nil when libcurl does not work.
    init?(_ access: ClusterAccess, userAgent: String, mailbox: Mailbox, counts: RequestCounts) {
        guard let curl = CurlMulti() else { return nil }
        self.mailbox = mailbox
        self.curl = curl
        self.counts = counts
        setup = TransferSetup(access, userAgent: userAgent)
        credentials = CredentialSource(access, mailbox: mailbox)
    }

    /// Runs until the mailbox says stop.
    func run() {
        mailbox.open(curl.waker)
        while true {
            let (jobs, isStopping) = mailbox.take()
            for job in jobs { job(self) }
            if isStopping { break }
            turn()
            curl.wait(milliseconds: pause())
        }
        mailbox.close()
        endAll(.stopped)
    }

    // MARK: for users

    /// Starts a request. Its receiver hears of it later, never before this returns.
    func send(_ request: APIRequest, to receiver: any TransferReceiver) -> Transfer {
        let transfer = Transfer(request, to: receiver)
        waiting.append(transfer)
        return transfer
    }

    /// Drops a request; its receiver hears nothing more.
    func cancel(_ transfer: Transfer) {
        transfer.receiver = nil
        waiting.removeAll { $0 === transfer }
        retire(transfer)
    }

    /// Keeps a tenant and calls it when its deadline has passed, until it is removed.
    func add(_ tenant: any LoopTenant, as owner: ObjectIdentifier) {
        tenants[owner] = tenant
    }

    func tenant(of owner: ObjectIdentifier) -> (any LoopTenant)? { tenants[owner] }

    func removeTenant(of owner: ObjectIdentifier) {
        tenants[owner] = nil
    }

    /// The credentials of this moment, which the plugin is asked for in time; nil while it runs and there are none.
    func credentialsForOthers() -> Result<Authorization, CredentialSource.Failure>? {
        credentials.renewInTime()
        return authorize()
    }

    /// These were answered with 401 somewhere else. If they hold no more, nothing happens.
    func reject(_ refused: AccessCredentials) {
        guard case .success(let current)? = authorize(), AccessCredentials(current) == refused else { return }
        credentials.reject(current.generation)
        for case let follower as CredentialFollower in tenants.values { follower.wake() }
    }

    /// The plugin's answer, for all who wait for it.
    func adopt(_ answer: Result<ExecCredential, ExecCredential.Refusal>) {
        switch credentials.adopt(answer) {
        case nil: return
        case let reason?:
            let refused = waiting
            waiting = []
            for transfer in refused { end(transfer, .unauthenticated(reason)) }
        }
    }

    // MARK: one turn

    private func turn() {
        fireDeadlines()
        startWaiting()
        curl.perform()
        deliver()
        while let (easy, code) = curl.nextEnded() { finish(easy, code) }
        // What the receivers have begun meanwhile.
        startWaiting()
    }

    private func fireDeadlines() {
        let now = Monotonic.now()
        for tenant in tenants.values where tenant.deadline <= now { tenant.deadlinePassed() }
        guard now >= nextCertificateCheck else { return }
        nextCertificateCheck = now + CredentialCache.certificateInterval
        _ = authorize()
    }

    /// Milliseconds until something is due.
    private func pause() -> Int32 {
        let due = tenants.values.reduce(nextCertificateCheck) { min($0, $1.deadline) }
        let now = Monotonic.now()
        guard due > now else { return 0 }
        // Rounded up: to wake a moment early is to spin.
        return Int32(min((due - now) / 1_000_000 + 1, 60_000))
    }

    private func startWaiting() {
        guard !waiting.isEmpty else { return }
        switch authorize() {
        case nil: return
        case .failure(let failure):
            let refused = waiting
            waiting = []
            for transfer in refused { end(transfer, .unauthenticated(failure.reason)) }
        case .success(let authorization):
            let ready = waiting
            waiting = []
            for transfer in ready { start(transfer, with: authorization) }
        }
    }

    /// The credentials of this moment; nil while the plugin runs.
    private func authorize() -> Result<Authorization, CredentialSource.Failure>? {
        let answer = credentials.authorize(at: Monotonic.now())
        guard case .success(let authorization)? = answer else { return answer }
        if credentials.hasChangingCertificate && nextCertificateCheck == .max {
            nextCertificateCheck = Monotonic.now() + CredentialCache.certificateInterval
        }
        if setup.adoptCertificate(of: authorization) {
            // The old identity must not live on in open connections.
            for transfer in Array(running.values) {
                end(transfer, .failed("the client certificate has changed"))
            }
        }
        return answer
    }

    private func start(_ transfer: Transfer, with authorization: Authorization) {
        guard let easy = CurlEasy() else { return end(transfer, .failed("out of memory")) }
        if let problem = setup.prepare(easy, for: transfer.request, with: authorization) {
            return end(transfer, .failed(problem))
        }
        guard curl.add(easy) else { return end(transfer, .failed("libcurl refuses the request")) }
        transfer.easy = easy
        transfer.generation = authorization.generation
        running[easy.identity] = transfer
    }

    private func deliver() {
        for easy in curl.transfersWithNews() { deliver(easy) }
    }

    private func deliver(_ easy: CurlEasy) {
        guard let transfer = running[easy.identity], transfer.easy === easy, let news = easy.takeArrivals()
        else { return }
        if news.status > 0 {
            transfer.isAnswered = true
            counts.add(transfer.request.method, news.status)
            if news.status == 401 { credentials.reject(transfer.generation) }
            transfer.receiver?.received(status: news.status, retryAfter: news.retryAfter, of: transfer)
        }
        if !news.body.isEmpty {
            transfer.receiver?.received(news.body, arrivedAt: news.receivedAt, of: transfer)
        }
    }

    private func finish(_ easy: CurlEasy, _ code: Int32) {
        deliver(easy)
        guard let transfer = running[easy.identity] else { return curl.remove(easy) }
        end(transfer, code == 0 ? .complete : .failed(easy.failure(of: code)))
    }

    private func end(_ transfer: Transfer, _ how: TransferEnd) {
        retire(transfer)
        if how.isFailure && !transfer.isAnswered { counts.add(transfer.request.method, 0) }
        let receiver = transfer.receiver
        transfer.receiver = nil
        receiver?.ended(how, of: transfer)
    }

    private func retire(_ transfer: Transfer) {
        guard let easy = transfer.easy else { return }
        transfer.easy = nil
        running[easy.identity] = nil
        curl.remove(easy)
    }

    private func endAll(_ how: TransferEnd) {
        let all = Array(running.values) + waiting
        waiting = []
        tenants = [:]
        for transfer in all { end(transfer, how) }
    }
}

/// Lives on the client's thread and wants to be called at a time.
protocol LoopTenant: AnyObject {
    /// Nanoseconds of CLOCK_MONOTONIC; `UInt64.max` is never.
    var deadline: UInt64 { get }
    func deadlinePassed()
}
