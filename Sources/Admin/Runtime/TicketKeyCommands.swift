/// `show tls-keys` and `set ssl tls-key`, as HAProxy answers where no `bind` names a file of keys: here none can. Keys of tickets are made
/// by the process, change twice a day and are told to nobody.
enum TicketKeyCommands {
    static let commands = [
        RuntimeCommand(
            "show tls-keys", "[id|*]", "show tls keys references or dump tls ticket keys when id specified",
            .operator
        ) { call in
            guard let id = call.words.first else { return "# id (file)\n" }
            return id == "*" ? "# id secret\n" : "'show tls-keys' unable to locate referenced filename\n"
        },
        RuntimeCommand(
            "set ssl tls-key", "[id|file] <key>",
            "set the next TLS key for the <id> or <file> listener to <key>", .admin
        ) { call in
            call.words.count < 2
                ? "'set ssl tls-key' expects a filename and the new TLS key in base64 encoding.\n"
                : "'set ssl tls-key' unable to locate referenced filename\n"
        },
    ]
}
