#include "weir/wire/messages/metadata.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::MetadataRequest)
WEIR_WIRE_MESSAGE(weir::wire::MetadataResponse)
