#include "weir/wire/messages/create_topics.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::CreateTopicsRequest)
WEIR_WIRE_MESSAGE(weir::wire::CreateTopicsResponse)
