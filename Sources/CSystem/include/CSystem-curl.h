// libcurl variadic calls as functions; filled by Kubernetes/Client.
#pragma once
