#include "weir/wire/messages/offset_commit.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::OffsetCommitRequest)
WEIR_WIRE_MESSAGE(weir::wire::OffsetCommitResponse)
