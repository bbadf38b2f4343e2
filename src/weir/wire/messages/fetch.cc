#include "weir/wire/messages/fetch.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::FetchRequest)
WEIR_WIRE_MESSAGE(weir::wire::FetchResponse)
