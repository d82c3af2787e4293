#include "CSystem.h"

#ifndef SLUICE_COMMIT
#define SLUICE_COMMIT "unknown"
#endif

const char *csystem_commit(void) { return SLUICE_COMMIT; }
