#include "weir/wire/messages/offset_fetch.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::OffsetFetchRequest)
WEIR_WIRE_MESSAGE(weir::wire::OffsetFetchResponse)
