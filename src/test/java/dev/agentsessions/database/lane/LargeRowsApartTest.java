package dev.agentsessions.database.lane;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.database.rows.RowReader;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * That large rows are not taken for small ones because their JSON is not recognized.
 */
class LargeRowsApartTest {

	@Test
	void theColumnOfJsonHasToBeThere() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new LargeRowsApart<>(Engine.POSTGRESQL, new RowArrays<Long>("t").number("id", (id) -> id),
					"id, cast(metadata as text) metadata", "metadata_json", "from t where id = :id", RowReader::number))
			.withMessageContaining("metadata_json");
	}

}
