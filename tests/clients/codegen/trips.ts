// Uses what was generated from the running server, by introspection: classes of the application.
import assert from 'node:assert/strict';
import { graphql } from '../generated/trips/gql.js';
import { TripOrder, type CreateTripFieldsInput, type TripWhereInput } from '../generated/trips/graphql.js';
import { clientFromSettings } from './request.js';

const CreateTrip = graphql(`
  mutation CreateTrip($fields: CreateTripFieldsInput!) {
    createTrip(input: { fields: $fields }) {
      trip {
        ...TripCard
        stops(order: [name_ASC]) {
          edges {
            node {
              name
            }
          }
        }
      }
    }
  }
`);

graphql(`
  fragment TripCard on Trip {
    id
    fare
    startedAt
    origin {
      name
      center {
        latitude
        longitude
      }
      area {
        latitude
        longitude
      }
    }
    driver {
      id
      name
      active
      badge
      car
      licensedAt
      photo {
        name
        url
      }
      languages {
        ... on Element {
          value
        }
      }
    }
    places {
      __typename
      ... on Element {
        value
      }
      ... on City {
        name
      }
    }
  }
`);

const Trips = graphql(`
  query Trips($where: TripWhereInput!, $order: [TripOrder!], $first: Int, $after: String) {
    trips(where: $where, order: $order, first: $first, after: $after) {
      count
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          ...TripCard
        }
      }
    }
  }
`);

const UpdateTrip = graphql(`
  mutation UpdateTrip($id: ID!, $fields: UpdateTripFieldsInput!) {
    updateTrip(input: { id: $id, fields: $fields }) {
      trip {
        id
        fare
        driver {
          id
        }
      }
    }
  }
`);

const DeleteTrip = graphql(`
  mutation DeleteTrip($id: ID!) {
    deleteTrip(input: { id: $id }) {
      trip {
        id
      }
    }
  }
`);

const client = clientFromSettings();
const run = crypto.randomUUID();

const fields: CreateTripFieldsInput = {
  run,
  fare: 12.5,
  startedAt: '2020-02-29T12:00:00.125Z',
  origin: {
    createAndLink: {
      name: 'Berlin',
      center: { latitude: 52.52, longitude: 13.405 },
      area: [
        { latitude: 52, longitude: 13 },
        { latitude: 52, longitude: 14 },
        { latitude: 53, longitude: 14 },
      ],
    },
  },
  driver: {
    createAndLink: {
      name: 'Dario',
      badge: 'AAEC',
      car: { make: 'Fiat', doors: { front: 2 } },
      languages: ['de', 'it'],
      licensedAt: '2001-01-01T00:00:00.000Z',
    },
  },
  stops: { createAndAdd: [{ name: 'Potsdam' }, { name: 'Leipzig' }] },
  places: ['home', 1],
};

// The types keep out what the server would refuse.
// @ts-expect-error A fare is a number.
const wrongValue: CreateTripFieldsInput = { fare: 'much' };
// @ts-expect-error There is no such field.
const wrongName: TripWhereInput = { fair: { equalTo: 1 } };
// @ts-expect-error A city needs a name.
const nothing: CreateTripFieldsInput = { origin: { createAndLink: {} } };
void [wrongValue, wrongName, nothing];

const created = await client.request(CreateTrip, { fields });
const trip = created.createTrip?.trip;
assert.ok(trip);
const fare: number | null | undefined = trip.fare;
assert.equal(fare, 12.5);
assert.equal(trip.startedAt, '2020-02-29T12:00:00.125Z');
const name: string | undefined = trip.origin?.name; // The field is required: there is no null.
assert.equal(name, 'Berlin');
assert.deepEqual(trip.origin?.center, { latitude: 52.52, longitude: 13.405 });
assert.equal(trip.origin?.area?.length, 4); // Polygons come back closed.
const car: Record<string, unknown> | null | undefined = trip.driver?.car;
assert.deepEqual(car, { make: 'Fiat', doors: { front: 2 } });
assert.equal(trip.driver?.active, true);
assert.equal(trip.driver?.badge, 'AAEC');
assert.equal(trip.driver?.photo, null);
assert.deepEqual(
  trip.driver?.languages?.map(item => item && 'value' in item && item.value),
  ['de', 'it'],
);
const place = trip.places?.[1];
assert.ok(place?.__typename === 'Element');
assert.equal(place.value, 1);
assert.deepEqual(
  trip.stops.edges?.map(edge => edge?.node?.name),
  ['Leipzig', 'Potsdam'],
);

for (const more of [30, 7.25]) await client.request(CreateTrip, { fields: { run, fare: more } });
const where: TripWhereInput = { run: { equalTo: run } };
const fares: (number | null | undefined)[] = [];
let after: string | null | undefined;
do {
  const page = await client.request(Trips, { where, order: [TripOrder.FareDesc], first: 2, after });
  assert.equal(page.trips.count, 3);
  for (const edge of page.trips.edges ?? []) fares.push(edge?.node?.fare);
  after = page.trips.pageInfo.hasNextPage ? page.trips.pageInfo.endCursor : null;
} while (after);
assert.deepEqual(fares, [30, 12.5, 7.25]);

const found = await client.request(Trips, {
  where: {
    AND: [where, { OR: [{ driver: { have: { name: { equalTo: 'Dario' } } } }, { fare: { lessThan: 0 } }] }],
    stops: { have: { name: { in: ['Leipzig'] } } },
  },
});
assert.deepEqual(
  found.trips.edges?.map(edge => edge?.node?.id),
  [trip.id],
);

const updated = await client.request(UpdateTrip, { id: trip.id, fields: { fare: 13, driver: null } });
assert.deepEqual(updated.updateTrip?.trip, { id: trip.id, fare: 13, driver: null });
const deleted = await client.request(DeleteTrip, { id: trip.id });
assert.equal(deleted.deleteTrip?.trip.id, trip.id);
