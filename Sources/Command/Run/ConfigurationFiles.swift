import ConfigLanguage
import Model

/// The files of `sluice proxy -f`, read as one configuration.
struct ConfigurationFiles: Sendable {
    let paths: [String]
    let surroundings: Surroundings

    /// Reads all of them: a folder stands for its `*.cfg` in the order of their names.
    func read() throws(StartError) -> ConfigurationText {
        var files: [ConfigurationFile] = []
        for path in paths {
            switch surroundings.read(path) {
            case .unreadable(let why): throw StartError("\(path): \(why)")
            case .file(let bytes): files.append(ConfigurationFile(name: path, bytes: bytes))
            case .folder(let names): files += try folder(path, names)
            }
        }
        return ConfigurationText.read(files, surroundings)
    }

    private func folder(_ path: String, _ names: [String]) throws(StartError) -> [ConfigurationFile] {
        var files: [ConfigurationFile] = []
        for name in names.sorted() where name.hasSuffix(".cfg") && !name.hasPrefix(".") {
            let file = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
            switch surroundings.read(file) {
            case .file(let bytes): files.append(ConfigurationFile(name: file, bytes: bytes))
            case .folder: continue
            case .unreadable(let why): throw StartError("\(file): \(why)")
            }
        }
        return files
    }
}
