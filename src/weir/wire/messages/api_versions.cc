#include "weir/wire/messages/api_versions.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::ApiVersionsRequest)
WEIR_WIRE_MESSAGE(weir::wire::ApiVersionsResponse)
