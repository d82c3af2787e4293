// OpenSSL macros as functions; filled by Wire/TLS.
#pragma once
