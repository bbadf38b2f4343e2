// simdjson's ondemand without its own assertions: these are for its callers' mistakes; what it
// meets here are foreign bytes.
#pragma once
#define SIMDJSON_DEVELOPMENT_CHECKS 0
#include <simdjson.h>
