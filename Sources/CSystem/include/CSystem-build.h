// What the build knows of itself.
#pragma once

/// The commit given to the build as SLUICE_COMMIT; "unknown" without.
const char *csystem_commit(void);
