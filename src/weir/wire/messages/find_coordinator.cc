#include "weir/wire/messages/find_coordinator.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::FindCoordinatorRequest)
WEIR_WIRE_MESSAGE(weir::wire::FindCoordinatorResponse)
