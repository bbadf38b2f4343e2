#include "weir/wire/messages/delete_topics.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::DeleteTopicsRequest)
WEIR_WIRE_MESSAGE(weir::wire::DeleteTopicsResponse)
