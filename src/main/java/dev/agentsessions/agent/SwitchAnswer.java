package dev.agentsessions.agent;

import dev.agentsessions.database.JsonText;

/**
 * A switch as it is answered.
 *
 * @param replayed whether this repeats the answer to an earlier request with the same key
 */
record SwitchAnswer(JsonText agentSwitch, boolean replayed) {
}
